/** One thing to run. */
export interface Task {
  readonly name: string;
  /** Names of tasks that must have succeeded first. Names that are not scheduled count as done. */
  readonly waitsFor: readonly string[];
  /** Counts against the limit. */
  readonly limited: boolean;
  /** Resolves to whether it succeeded; must not reject. */
  run(): Promise<boolean>;
  /** Called instead of `run` when something it waits for did not succeed; `cause` names that. */
  skip(cause: string): void;
  /** Called instead of `run` once the run is cancelled. */
  cancel(): void;
}

export interface ScheduleOptions {
  /** Most limited tasks at once; below 1 means no limit (row FLG-11). */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/**
 * Runs tasks as they become ready, in the order given where several are (row RUN-01). What waits for a failed task is skipped,
 * everything else goes on (row RUN-14). After an abort nothing new starts (row RUN-05). Resolves when all tasks have come to an end.
 */
export async function runTasks(tasks: readonly Task[], options: ScheduleOptions): Promise<void> {
  const state = new Schedule(tasks, options);
  await state.run();
}

// --- internal ---

class Schedule {
  readonly #tasks: readonly Task[];
  readonly #limit: number;
  readonly #signal: AbortSignal;
  readonly #open = new Map<string, number>();
  readonly #children = new Map<string, Task[]>();
  readonly #order = new Map<Task, number>();
  /** Ready to run, in the order given. */
  #ready: Task[] = [];
  #left: number;
  #running = 0;
  #finish: () => void = () => {};

  constructor(tasks: readonly Task[], { limit, signal }: ScheduleOptions) {
    this.#tasks = tasks;
    this.#limit = limit < 1 ? Number.POSITIVE_INFINITY : limit;
    this.#signal = signal;
    this.#left = tasks.length;
  }

  async run(): Promise<void> {
    if (this.#tasks.length === 0) return;
    const known = new Set(this.#tasks.map((task) => task.name));
    for (const [index, task] of this.#tasks.entries()) {
      this.#order.set(task, index);
      const parents = new Set(task.waitsFor.filter((name) => known.has(name)));
      this.#open.set(task.name, parents.size);
      for (const parent of parents) {
        const children = this.#children.get(parent);
        if (children === undefined) this.#children.set(parent, [task]);
        else children.push(task);
      }
      if (parents.size === 0) this.#ready.push(task);
    }
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
      this.#startReady();
    });
  }

  #startReady(): void {
    const waiting: Task[] = [];
    for (const task of this.#ready) {
      if (this.#signal.aborted) {
        this.#left--;
        task.cancel();
        this.#cancelChildren(task);
      } else if (task.limited && this.#running >= this.#limit) waiting.push(task);
      else this.#start(task);
    }
    this.#ready = waiting;
    if (this.#left === 0) this.#finish();
  }

  #start(task: Task): void {
    if (task.limited) this.#running++;
    void task.run().then((succeeded) => {
      if (task.limited) this.#running--;
      this.#left--;
      if (this.#signal.aborted) this.#cancelChildren(task);
      else if (succeeded) this.#release(task);
      else this.#skipChildren(task);
      this.#startReady();
    });
  }

  /** Its children have one thing less to wait for. */
  #release(task: Task): void {
    const before = this.#ready.length;
    for (const child of this.#children.get(task.name) ?? []) {
      const open = (this.#open.get(child.name) ?? 0) - 1;
      this.#open.set(child.name, open);
      if (open === 0) this.#ready.push(child);
    }
    if (this.#ready.length > before) this.#ready.sort((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
  }

  #skipChildren(task: Task): void {
    for (const child of this.#takeChildren(task)) {
      child.skip(task.name);
      this.#skipChildren(child);
    }
  }

  #cancelChildren(task: Task): void {
    for (const child of this.#takeChildren(task)) {
      child.cancel();
      this.#cancelChildren(child);
    }
  }

  /** Children that nobody has dealt with yet; they count as ended from here on. */
  #takeChildren(task: Task): Task[] {
    const children = (this.#children.get(task.name) ?? []).filter((child) => (this.#open.get(child.name) ?? -1) > 0);
    for (const child of children) {
      this.#open.set(child.name, -1);
      this.#left--;
    }
    return children;
  }
}
