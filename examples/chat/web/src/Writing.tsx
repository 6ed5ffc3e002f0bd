import type { ReactNode } from "react";
import type { Conversation } from "./conversation";

/** Who is writing. There is always room for it, so that nothing moves when it comes and goes. */
export function Writing({ conversation: { writing, members, you } }: { readonly conversation: Conversation }): ReactNode {
  const names = members.filter(({ id }) => id !== you && writing.has(id)).map(({ name }) => name);
  return (
    <p className="writing" data-testid="writing">
      {names.length > 0 && (
        <>
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {names.length > 2 ? "Several people are writing" : `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} writing`}
        </>
      )}
    </p>
  );
}
