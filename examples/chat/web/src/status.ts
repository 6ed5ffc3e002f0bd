import { CloseError, type Final, type Status } from "@tandem-ws/client";

/** How the connection is, in words. */
export function describe(status: Status): string {
  switch (status.state) {
    case "idle":
      return "Not connected";
    case "connecting":
      return status.resuming || status.failed > 0 ? "Reconnecting …" : "Connecting …";
    case "open":
      return "Connected";
    case "waiting":
      if (status.retryAt === undefined) return "Waiting for a network";
      return status.resuming ? "Connection lost" : "No connection";
    case "closing":
      return "Disconnecting …";
    case "closed":
      return "Not connected";
    case "stale":
      return "This page is out of date";
  }
}

/** The colour that goes with it. */
export function tone(status: Status): "good" | "wait" | "bad" {
  if (status.state === "open") return "good";
  return status.state === "closed" || status.state === "stale" ? "bad" : "wait";
}

/** Why it is over, in words. A server closes with reasons for people. */
export function whyOver({ state, error }: Final): string {
  if (state === "stale") return "There is a newer version of this page. The server no longer understands this one.";
  if (error instanceof CloseError && error.reason !== "") return sentence(error.reason);
  if (error instanceof CloseError && error.code === 1000) return "The server has ended the conversation.";
  return error ? sentence(error.message) : "The conversation has ended.";
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
