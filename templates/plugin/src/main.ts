import { plugin } from "./plugin.ts";

void plugin.main();
