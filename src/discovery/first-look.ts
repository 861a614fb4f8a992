/** A promise for others to wait on, and whoever can keep it. */

export class FirstLook {
  /** Resolves when somebody has looked. */
  readonly made: Promise<void>;
  /** Now; a second time is no other. */
  make: () => void = () => {};

  constructor() {
    this.made = new Promise((resolve) => {
      this.make = resolve;
    });
  }
}
