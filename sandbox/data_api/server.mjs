// The data API of the sandbox: @supabase/lite on the sandbox's Postgres, on 127.0.0.1.
//
// environment: PORT; DATABASE_URL (as the login role `authenticator`); SUPABASE_SECRET_KEY,
// SUPABASE_PUBLISHABLE_KEY, JWT_SECRET; AUTH_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE (optional,
// together); DEBUG=1 logs every refused statement.
import { serve } from "@hono/node-server";
import { App } from "@supabase/lite";

import { connect, followSchema } from "./database.mjs";
import { keyResolver } from "./keys.mjs";
import { userTokens } from "./user_tokens.mjs";

const env = process.env;
const secretKey = env.SUPABASE_SECRET_KEY;
const publishableKey = env.SUPABASE_PUBLISHABLE_KEY;
const jwtSecret = env.JWT_SECRET;

const connection = connect(env.DATABASE_URL);
const app = new App({
  connection,
  auth: {
    enabled: true, // without it lite fails on every user's token; /auth/v1 is closed below
    jwt_secret: jwtSecret,
    publishable_key: publishableKey,
    secret_key: secretKey,
  },
  // `admin` would run requests without a key as service_role.
  options: {
    server: {
      admin: false,
      apiKeys: { resolver: keyResolver({ secretKey, publishableKey, jwtSecret }) },
    },
  },
});
// Not `ensureSystemSchema()`: it creates lite's own user tables, which nothing here uses and
// which the role `authenticator` may not create.
await app.init();
await followSchema(connection);

const admit = env.AUTH_JWKS_URL
  ? userTokens({
      jwksUrl: env.AUTH_JWKS_URL,
      issuer: env.AUTH_ISSUER,
      audience: env.AUTH_AUDIENCE,
      jwtSecret,
    })
  : async () => null;

async function answer(request, socket) {
  // Signing up, storage and the rest are another issuer's or nobody's business here.
  if (!new URL(request.url).pathname.startsWith("/rest/v1")) {
    return Response.json({ message: "This data API serves /rest/v1 only" }, { status: 404 });
  }
  const peerAddress = socket.incoming.socket.remoteAddress ?? null;
  return (await admit(request)) ?? app.fetch(request, { peerAddress });
}

// lite prints each refused statement with a stack: a client's mistake, not an operator's news.
if (!env.DEBUG) console.error = () => {};

const server = serve(
  { port: Number(env.PORT), hostname: "127.0.0.1", fetch: answer },
  ({ port }) => console.log(`listening on http://127.0.0.1:${port}`),
);

// Longer than any client keeps an idle connection: a request on one that is closed just then is lost.
server.keepAliveTimeout = 75_000;

async function stop() {
  server.close();
  server.closeAllConnections?.();
  await connection.close?.();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
