// node client.mjs URL [subprotocol...]: connects as a client of the package ws does by default, which offers
// permessage-deflate.
import WebSocket from "ws";
import { obey, watch } from "./peer.mjs";

const [url, ...protocols] = process.argv.slice(2);
const socket = new WebSocket(url, protocols);
watch(socket);
obey(() => socket, () => process.exit());
