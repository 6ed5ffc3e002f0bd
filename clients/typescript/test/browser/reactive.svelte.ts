/** Makes properties of a component that can be changed. */
export function reactive<T>(initial: T): T {
  const made = $state(initial);
  return made;
}
