// The application: answers every request with the page, and says which Node runs it.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const page = readFileSync(new URL("public/index.html", import.meta.url), "utf8").replace("{{node}}", process.version);
const port = Number(process.env.PORT ?? 8080);

const server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(page);
});
server.listen(port, () => console.log(`listening on port ${server.address().port}`));
process.on("SIGTERM", () => server.close());
process.on("SIGINT", () => server.close());
