/** The components of the console. */
export * from "./button";
export * from "./dialog";
export * from "./field";
export * from "./icon";
export * from "./link";
export * from "./mail-frame";
export * from "./menu";
export * from "./more";
export * from "./screen";
export * from "./states";
export * from "./time";
export * from "./toast";
