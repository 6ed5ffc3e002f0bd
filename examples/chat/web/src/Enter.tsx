import { type ReactNode, type SubmitEvent, useState } from "react";
import { suggestName } from "./name";

interface Props {
  readonly room: string;
  onName(name: string): void;
}

/** Asks for a name. */
export function Enter({ room, onName }: Props): ReactNode {
  const [name, setName] = useState(suggestName);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (name.trim() !== "") onName(name.trim());
  };
  return (
    <main className="enter">
      <form onSubmit={submit}>
        <p className="label">tandem example</p>
        <h1>Chat</h1>
        <p className="lede">Rooms to talk in. Nothing is kept for long, and nobody checks who you are.</p>
        <label>
          <span>Your name</span>
          <input
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
            onFocus={(event) => event.target.select()}
            maxLength={32}
            autoComplete="nickname"
            spellCheck={false}
            enterKeyHint="go"
            data-testid="name"
          />
        </label>
        <div className="row">
          <button type="submit" className="primary" disabled={name.trim() === ""} data-testid="enter">
            Enter {room}
          </button>
          <button type="button" className="link" onClick={() => setName(suggestName())}>
            Another suggestion
          </button>
        </div>
      </form>
    </main>
  );
}
