import type { ReactNode } from "react";
import { Enter } from "./Enter";
import { useRoom } from "./location";
import { useName } from "./name";
import { Room } from "./Room";
import { Rooms } from "./Rooms";

/** The page: who has no name yet is asked for one, and then is in the room that the address says. */
export function App(): ReactNode {
  const room = useRoom();
  const [name, setName] = useName();
  if (name === "") return <Enter room={room} onName={setName} />;
  return (
    <div className="page">
      <Rooms current={room} />
      {/* With the key, another room is another conversation, and nothing of the last one is left. */}
      <Room key={room} room={room} name={name} onName={setName} />
    </div>
  );
}
