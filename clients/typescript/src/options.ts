/** How a socket comes back. The wait before an attempt is random, between nothing and minMs times 2 for each failed one, at most maxMs. */
export interface Reconnect {
  /** Default 500. */
  readonly minMs?: number;
  /** Default 30,000. */
  readonly maxMs?: number;
  /** How many attempts may fail in a row. Default no bound. */
  readonly tries?: number;
  /** How long a connection must live for attempts to be counted from the start again. Default 30,000. */
  readonly stableMs?: number;
}

/** What becomes of messages while there is no connection. */
export interface Queue {
  /** How many messages may wait. Default 256. */
  readonly max?: number;
  /** How long one may wait, in milliseconds. Default 10,000; Infinity is for ever. */
  readonly waitMs?: number;
  /** What a message too many does: it fails, or the oldest one does. Default "error". */
  readonly overflow?: "error" | "drop-oldest";
}

/** How a connection without a session notices that the server is gone: browsers send no pings. */
export interface Heartbeat<In> {
  /** A message that the server answers, with whatever. It is sent when nothing has come for everyMs, and when somebody looks at the page again. */
  readonly message: In;
  /** Default 25,000. */
  readonly everyMs?: number;
  /** How long may pass until something comes. Default 10,000. */
  readonly timeoutMs?: number;
}

/** What a conversation may be begun with, in front of everything that waits to be sent. */
export interface Opening<In> {
  /** Sends a message, or throws: also when another conversation has begun meanwhile. */
  send(message: In): void;
}

/** What is needed of a WebSocket: a browser's has it, and so has that of the package ws, which has its own types of events. */
export interface AnyWebSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly readyState: number;
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** What a socket may be told. */
export interface Options<In> {
  /** The server, such as "https://example.com/prefix". Default: where the page comes from. */
  readonly url?: string | URL;
  /** Called before each attempt for a fresh credential, which a session is opened with. Default none. */
  readonly credential?: () => string | undefined | Promise<string | undefined>;
  /** Default: it comes back, see {@link Reconnect}. */
  readonly reconnect?: Reconnect | false;
  /** What becomes of messages that are sent while there is no connection. Default: 256 wait, for 10 s each; false: none. */
  readonly queue?: Queue | false;
  /** Default none. A session has one of its own. */
  readonly heartbeat?: Heartbeat<In>;
  /** How long a websocket may take to open, without what functions take that give parameters. Default 10,000. */
  readonly openTimeoutMs?: number;
  /** Connects when somebody sends, receives, or waits for opened(). Default: at once. */
  readonly lazy?: boolean;
  /**
   * Called whenever a conversation begins: the place to say what the server has to be told each time. If it throws, the
   * conversation is given up, and another one is tried.
   */
  readonly onOpen?: (conversation: Opening<In>) => void | Promise<void>;
  /** Closes the socket. */
  readonly signal?: AbortSignal;
  /** Default: globalThis.WebSocket; without one nothing is attempted, and the status stays "idle". */
  readonly WebSocket?: new (url: string, protocols: string[]) => AnyWebSocket;
}

/** Parameters, or a function that is asked for them before each attempt, for what expires. */
export type WithParams<P> = undefined extends P ? unknown : { readonly params: P | (() => P | Promise<P>) };

/** What {@link connect} takes besides the endpoint. Options may be left out where there are no parameters. */
export type ConnectArgs<P, In> = undefined extends P ? [options?: Options<In>] : [options: Options<In> & WithParams<P>];
