import { type ReactNode, type SubmitEvent, useState } from "react";
import type { Conversation } from "./conversation";
import { Portrait } from "./Portrait";
import { reasons } from "./reasons";

interface Props {
  readonly conversation: Conversation;
  onRename(name: string): void;
}

/** Who is in the room, and where you take another name. */
export function People({ conversation, onRename }: Props): ReactNode {
  const { you, members, nameRefused } = conversation;
  return (
    <aside className="side people" id="people" popover="auto" aria-label="People" data-testid="people">
      <h2 className="label">
        In this room {you !== 0 && <span className="count">{members.length}</span>}
      </h2>
      <ul>
        {members.map(({ id, name, away }) => (
          <li key={id} data-away={away} data-testid="person">
            <Portrait name={name} />
            <span className="who">
              {name}
              {id === you && <span className="aside"> you</span>}
              {away && <span className="aside"> away</span>}
            </span>
            {id === you && <Rename name={name} onRename={onRename} />}
          </li>
        ))}
      </ul>
      {nameRefused && (
        <p className="error" role="alert">
          This name cannot be: {reasons[nameRefused]}.
        </p>
      )}
    </aside>
  );
}

/** A button, and in its place a field once it was pressed. */
function Rename({ name, onRename }: { readonly name: string; onRename(name: string): void }): ReactNode {
  const [draft, setDraft] = useState<string>();
  const [before, setBefore] = useState(false); // the focus comes back to the button
  const end = (): void => {
    setDraft(undefined);
    setBefore(true);
  };
  if (draft === undefined) {
    return (
      <button type="button" className="link" autoFocus={before} onClick={() => setDraft(name)} data-testid="rename">
        Rename
      </button>
    );
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (draft.trim() !== name) onRename(draft);
    end();
  };
  return (
    <form className="inline rename" onSubmit={submit}>
      <input
        autoFocus
        aria-label="Your name"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onFocus={(event) => event.target.select()}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault(); // it would close the list as well
          end();
        }}
        maxLength={32}
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="done"
        data-testid="new-name"
      />
      <button type="submit">Save</button>
    </form>
  );
}
