import { type MouseEvent, type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { addressOf, enter } from "./location";

const possible = /^[a-z0-9-]{1,32}$/;
const suggested = ["lobby", "kitchen", "garden", "workshop", "library"];

/** The list of rooms, and a field for another one. Where there is no room for it, a button shows it over the page. */
export function Rooms({ current }: { readonly current: string }): ReactNode {
  const list = useRef<HTMLElement>(null);
  const go = (room: string): void => {
    list.current?.hidePopover();
    enter(room);
  };
  const rooms = suggested.includes(current) || !possible.test(current) ? suggested : [...suggested, current];
  return (
    <nav className="side rooms" id="rooms" popover="auto" ref={list} aria-label="Rooms" data-testid="rooms">
      <header>
        <p className="label">tandem example</p>
        <p className="name">Chat</p>
      </header>
      <ul>
        {rooms.map((room) => (
          <li key={room}>
            <RoomLink room={room} current={room === current} onGo={go} />
          </li>
        ))}
      </ul>
      <NewRoom onGo={go} />
    </nav>
  );
}

interface LinkProps {
  readonly room: string;
  readonly current: boolean;
  onGo(room: string): void;
}

/** A link as any other, but a plain click needs no new page. */
function RoomLink({ room, current, onGo }: LinkProps): ReactNode {
  const click = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onGo(room);
  };
  return (
    <a href={addressOf(room)} aria-current={current ? "page" : undefined} onClick={click}>
      <span aria-hidden="true">#</span>
      {room}
    </a>
  );
}

/** What is typed becomes the name of a room as it is typed. */
function NewRoom({ onGo }: Pick<LinkProps, "onGo">): ReactNode {
  const [room, setRoom] = useState("");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const name = room.replace(/^-+|-+$/g, "");
    if (name === "") return;
    setRoom("");
    onGo(name);
  };
  return (
    <form className="inline" onSubmit={submit}>
      <label>
        <span>Another room</span>
        <input
          value={room}
          onChange={(event) => setRoom(event.target.value.toLowerCase().replace(/[^a-z0-9]+/g, "-"))}
          onKeyDown={(event) => event.key === "Escape" && room !== "" && (event.preventDefault(), setRoom(""))}
          maxLength={32}
          placeholder="name"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          enterKeyHint="go"
          data-testid="new-room"
        />
      </label>
      <button type="submit" disabled={room === ""}>
        Go
      </button>
    </form>
  );
}
