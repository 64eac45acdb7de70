// The program of the plugin.
import { plugin } from "./plugin.ts";

void plugin.main();
