/** The editor of messages, a chunk of its own: loaded when somebody is about to write. */
export { mount } from "./mount";
