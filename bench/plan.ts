/** What is run: each workload with each number of requests in flight, in one or both shapes. Pure. */

export const WORKLOAD_NAMES = ['updates', 'forced', 'causal', 'fresh', 'mix'] as const;
export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

/**
 * How requests in flight are spread over sessions. `single`: one session each, which waits for its
 * answer. `pipelined`: four sessions with many requests under way, so that requests travel in groups.
 */
export const SHAPES = ['single', 'pipelined'] as const;
export type Shape = (typeof SHAPES)[number];

export const PIPELINED_SESSIONS = 4;

/** One measurement. */
export interface Run {
  readonly workload: WorkloadName;
  readonly shape: Shape;
  readonly inFlight: number;
}

export interface PlanInit {
  readonly workloads: readonly WorkloadName[];
  readonly inFlight: readonly number[];
  readonly shape: Shape | null;
}

/** The runs, in their order. Without a shape, updates are measured in both and queries as `single`. */
export function planRuns({ workloads, inFlight, shape }: PlanInit): Run[] {
  return workloads.flatMap((workload) => {
    const isUpdate = workload === 'updates' || workload === 'forced';
    const byDefault: readonly Shape[] = isUpdate ? SHAPES : ['single'];
    const shapes = shape === null ? byDefault : [shape];
    return shapes.flatMap((each) =>
      inFlight.map((count) => ({ workload, shape: each, inFlight: count })),
    );
  });
}

/** Cuts a whole number into `parts` that differ by one at most, the greater ones first. */
export function share(total: number, parts: number): number[] {
  const least = Math.floor(total / parts);
  const more = total % parts;
  return Array.from({ length: parts }, (_, index) => least + (index < more ? 1 : 0));
}
