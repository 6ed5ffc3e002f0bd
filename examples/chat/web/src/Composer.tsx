import { type KeyboardEvent, type ReactNode, type SubmitEvent, useRef } from "react";
import { useDraft } from "./useDraft";

interface Props {
  readonly room: string;
  onSay(text: string): void;
  onTyping(): void;
}

/** How many characters may be said at once. */
const maxText = 2000;
/** How often the others are told that you write. */
const typingEveryMs = 2000;
/** Where there is a keyboard anyway, it may as well be ready. On a phone it would cover half of the page. */
const focusAtOnce = matchMedia("(pointer: fine)").matches;

/** Where you say something. Enter sends, Shift+Enter begins a line. */
export function Composer({ room, onSay, onTyping }: Props): ReactNode {
  const [text, setText] = useDraft(room);
  const field = useRef<HTMLTextAreaElement>(null);
  const told = useRef(0);

  const left = maxText - Array.from(text.trim()).length;
  const canSay = text.trim() !== "" && left >= 0;

  const write = (text: string): void => {
    setText(text);
    if (text.trim() === "" || Date.now() - told.current < typingEveryMs) return;
    told.current = Date.now();
    onTyping();
  };
  const say = (): void => {
    field.current?.focus();
    if (!canSay) return;
    onSay(text);
    setText("");
    told.current = 0;
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    say();
  };
  const keyDown = (event: KeyboardEvent): void => {
    // While a letter is composed of several keys, Enter ends that.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    say();
  };

  return (
    <form className="composer" onSubmit={submit}>
      <textarea
        ref={field}
        autoFocus={focusAtOnce}
        rows={1}
        value={text}
        onChange={(event) => write(event.target.value)}
        onKeyDown={keyDown}
        aria-label={`Message to ${room}`}
        aria-describedby={left < 200 ? "left" : undefined}
        placeholder={`Message to ${room}`}
        enterKeyHint="send"
        data-testid="text"
      />
      {left < 200 && (
        <span id="left" className="left" data-over={left < 0}>
          {left}
        </span>
      )}
      <button type="submit" className="primary" disabled={!canSay} data-testid="say">
        Send
      </button>
    </form>
  );
}
