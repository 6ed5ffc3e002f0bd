import { type ReactNode, useEffect, useRef } from "react";
import { CloseError, type Final } from "@tandem-ws/client";
import { enter } from "./location";
import { whyOver } from "./status";

/** What a server closes with that does not let you in: package api has them. */
const codeRoom = 4500;
const codeName = 4501;

interface Props {
  readonly status: Final;
  onReload(): void;
  onRestart(): void;
  /** You want another name. */
  onName(): void;
}

/** Says that it is over and why, and what can be done about that. It takes the place of the composer. */
export function Closed({ status, ...on }: Props): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);

  const [label, act] = wayOut(status, on);
  return (
    <div className="closed" role="alert" data-testid="closed">
      <p>{whyOver(status)}</p>
      <button type="button" className="primary" ref={button} onClick={act} data-testid="act">
        {label}
      </button>
    </div>
  );
}

function wayOut(status: Final, on: Omit<Props, "status">): [label: string, act: () => void] {
  if (status.state === "stale") return ["Reload", on.onReload];
  switch (status.error instanceof CloseError && status.error.code) {
    case codeRoom:
      return ["Go to the lobby", () => enter("lobby")];
    case codeName:
      return ["Choose another name", on.onName];
    default:
      return ["Connect again", on.onRestart];
  }
}
