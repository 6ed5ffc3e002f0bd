import type { ReactNode } from "react";

/** A circle with the first letter of a name, in the name's colour. */
export function Portrait({ name }: { readonly name: string }): ReactNode {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 12;
  const [first] = new Intl.Segmenter().segment(name);
  return (
    <span className={`portrait c${sum}`} aria-hidden="true">
      {first?.segment.toUpperCase()}
    </span>
  );
}
