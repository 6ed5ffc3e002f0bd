import { type ReactNode, useEffect, useRef } from "react";
import { CloseError, type Status } from "@tandem-ws/client";
import { enter } from "./location";
import { whyClosed } from "./status";

/** What a server closes with that does not let you in: package api has them. */
const codeRoom = 4500;
const codeName = 4501;

interface Props {
  readonly status: Extract<Status, { state: "closed" | "stale" }>;
  onRestart(): void;
  /** You want another name. */
  onName(): void;
}

/** Says that it is over and why, and what can be done about that. It takes the place of the composer. */
export function Closed({ status, onRestart, onName }: Props): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);

  const code = status.error instanceof CloseError ? status.error.code : 0;
  const [text, label, act] =
    status.state === "stale"
      ? ["There is a newer version of this page, and the server no longer understands this one. What you have not sent yet is kept.", "Reload", () => location.reload()]
      : code === codeRoom
        ? [whyClosed(status), "Go to the lobby", () => enter("lobby")]
        : code === codeName
          ? [whyClosed(status), "Choose another name", onName]
          : [whyClosed(status), "Connect again", onRestart];
  return (
    <div className="closed" role="alert" data-testid="closed">
      <p>{text}</p>
      <button type="button" className="primary" ref={button} onClick={act as () => void} data-testid="act">
        {label as string}
      </button>
    </div>
  );
}
