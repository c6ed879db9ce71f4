import { createContext, useContext } from "react";

/** Whether a list stands still: what costs a question of its own for each row waits until then. */
export const Settled = createContext(true);

export const useSettled = (): boolean => useContext(Settled);
