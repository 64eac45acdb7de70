import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const page = fileURLToPath(new URL("public/index.html", import.meta.url));
const port = Number(process.env.PORT ?? 8080);

const server = createServer((_request, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  createReadStream(page).pipe(response);
});
server.listen(port, () => console.log(`listening on port ${port}`));

// The first process of a container gets no default handlers for signals.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
