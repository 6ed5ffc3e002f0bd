// A WebSocket that does what a test tells it to.
import { vi } from "vitest";

export class FakeSocket {
  /** All that were made since the last reset(). */
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!;
  }
  static reset(): void {
    FakeSocket.all = [];
  }

  readonly url: string;
  readonly protocols: string[];
  readonly sent: unknown[] = [];
  /** How this side has closed. */
  closed: { code: number | undefined; reason: string | undefined } | undefined;
  binaryType = "blob";
  bufferedAmount = 0;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.all.push(this);
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(code?: number, reason?: string): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) throw new Error(`InvalidAccessError ${code}`);
    this.closed ??= { code, reason };
    if (this.readyState < 2) this.readyState = 2;
  }

  // --- what the other side does ---

  open(): this {
    this.readyState = 1;
    this.onopen?.();
    return this;
  }

  message(data: unknown): void {
    this.onmessage?.({ data });
  }

  /** The connection ends: with a Close frame, or with 1006 without one. */
  end(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  /** Answers the Close frame. */
  answer(): void {
    this.end(this.closed!.code, this.closed!.reason);
  }
}

export const fake = FakeSocket as unknown as new (url: string, protocols: string[]) => WebSocket;

/** Lets promises go on. */
export const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
