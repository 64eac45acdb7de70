/// <reference path="./.tspack/types/index.d.ts" />
