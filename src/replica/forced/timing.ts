/** Times of the forced log (PROTOCOL H), ms. None of them matters for safety. */

/** Whoever heard the primary this recently elects no other one. */
export const RECENT_MS = 2000;

/** A primary that was silent for this long, and a drawn time up to the second more, is suspected. */
export const SUSPECT_MS = 3000;
export const SUSPECT_SPREAD_MS = 2000;

/** At a start nobody has been heard yet; there may be no primary at all, and asking harms nobody. */
export const START_SUSPECT_MS = 300;
export const START_SPREAD_MS = 500;

/** A primary that no majority has answered for this long steps down. */
export const QUORUM_MS = 3000;

/** A round of votes; the pause between two rounds is drawn from a range that doubles up to the second. */
export const ROUND_MS = 1000;
export const BACK_OFF_MAX_MS = 8000;

/** The primary's process is gone: others stand for election within so long. */
export const REFUSED_SPREAD_MS = 300;

/** After another log was taken over, the next try follows so soon. */
export const RETRY_SPREAD_MS = 200;

/** A tick that is later than this tells of a pause of this process. */
export const PAUSE_MS = 300;

/** State is asked for at most once in so long. */
export const STATE_PAUSE_MS = 50;

/** A request is forwarded again when nothing has come of it for so long. */
export const FORWARD_AGAIN_MS = 500;

/** A stamp that is ahead of the primary's clock is refused when nobody has forwarded it by then. */
export const SECOND_OPINION_MS = 300;

/** Results are kept for so long, in time of the stamps: a clock that is an hour off discards nothing. */
export const RESULT_TTL_MS = 24 * 3600 * 1000;

/** A primary that is OVERLOADED for this long lets another member lead; it does so at most once in the second. */
export const OVERLOADED_PATIENCE_MS = 5000;
export const HANDOVER_PAUSE_MS = 10_000;

/** A handover takes some round trips and disk writes; the primary orders again when it takes longer. */
export const HANDOVER_LIMIT_MS = 500;

/** An OFFLINE replica leaves it to others to stand for election, unless none has within this time. */
export const OFFLINE_PATIENCE_MS = 2 * SUSPECT_MS;
