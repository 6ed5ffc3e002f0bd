import { type ReactNode, useEffect, useState } from "react";
import type { Status } from "@tandem-ws/client";
import { describe, tone } from "./status";

interface Props {
  readonly status: Status;
  /** Nobody wants to wait. */
  readonly onRetry: () => void;
}

/** How the connection is. */
export function Connection({ status, onRetry }: Props): ReactNode {
  const retryAt = status.state === "waiting" ? status.retryAt : undefined;
  return (
    <p className="connection" data-tone={tone(status)} data-state={status.state} data-testid="status">
      <span role="status">{describe(status)}</span>
      {/* Outside, for nobody wants to be read each second. */}
      {retryAt !== undefined && (
        <>
          <Countdown key={retryAt} to={retryAt} />
          <button type="button" data-testid="retry" onClick={onRetry}>
            Try now
          </button>
        </>
      )}
    </p>
  );
}

/** How long it is until the next attempt. */
function Countdown({ to }: { readonly to: number }): ReactNode {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.ceil((to - now) / 1000);
  return <span className="countdown">, trying again {seconds > 0 ? `in ${seconds} s` : "now"}</span>;
}
