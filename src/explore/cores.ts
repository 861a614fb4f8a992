/** The cores under exploration: the production ones, or in tests those with a fault put in. */

import { stepSession } from '../client/session.js';
import { step as stepFrontend } from '../frontend/step.js';
import { startReplica, step as stepReplica } from '../replica/step.js';

export interface Cores {
  readonly startReplica: typeof startReplica;
  readonly stepReplica: typeof stepReplica;
  readonly stepFrontend: typeof stepFrontend;
  readonly stepSession: typeof stepSession;
}

export const PRODUCTION_CORES: Cores = { startReplica, stepReplica, stepFrontend, stepSession };
