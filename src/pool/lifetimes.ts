import type { Clock } from "./clock.js";
import type { Session } from "./session.js";
import type { Lifecycle } from "./settings.js";

/** Decides when a session ends that nobody stops: idle for the cooldown, or at the end of its longest life. */
export class Lifetimes {
  /** @param onOver called once its time is over, with the reason in words */
  constructor(
    private readonly lifecycle: Lifecycle,
    private readonly clock: Clock,
    private readonly onOver: (session: Session, reason: string) => void,
  ) {}

  /** The session has its instance: its longest life, if it has one, counts from its creation. */
  begin(session: Session): void {
    const { lifecycle } = this;
    if (lifecycle.type !== "OnContainerExit") return;
    const left = session.createdAt + lifecycle.maxAliveMs - this.clock.now();
    this.end(session, left, "maxAlivePeriodInSeconds is over");
  }

  /** A request, stream or WebSocket begins: as long as one is under way the session is not idle. */
  enter(session: Session): void {
    session.inFlight += 1;
    session.lastAccessedAt = this.clock.now();
    if (this.lifecycle.type === "Timed") session.timer?.cancel();
  }

  /** One of them is over. */
  leave(session: Session): void {
    session.inFlight -= 1;
    session.lastAccessedAt = this.clock.now();
  }

  /** Nothing is under way: the cooldown counts from the last access. */
  idle(session: Session): void {
    const { lifecycle } = this;
    if (lifecycle.type !== "Timed") return;
    const left = session.lastAccessedAt + lifecycle.cooldownMs - this.clock.now();
    this.end(session, left, "idle for the cooldown");
  }

  private end(session: Session, inMs: number, reason: string): void {
    session.timer = this.clock.after(inMs, () => this.onOver(session, reason));
  }
}
