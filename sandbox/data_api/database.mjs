// The connection to Postgres, as the login role `authenticator`.
import { createPostgresConnection } from "@supabase/lite/postgres";

import { passSqlstates } from "./errors.mjs";

const OID = { json: 114, jsonb: 3802, timestamptz: 1184 };

// lite hands over rpc arguments that are already JSON text: written as they are, or the database
// receives a JSON string that holds JSON.
const json = {
  serialize: (value) => (typeof value === "string" ? value : JSON.stringify(value)),
  parse: JSON.parse,
};

// Postgres prints `2026-01-01 09:00:00.123456+00`; PostgREST prints ISO 8601, which is what
// clients parse. The text is rewritten, never read into a Date, which would lose microseconds.
const iso8601 = (text) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");

/** Opens the pool. The user in the address must be a role that may only become others. */
export function connect(url) {
  const connection = createPostgresConnection({
    url,
    postgresOptions: {
      max: 10,
      onnotice() {},
      types: {
        json: { to: OID.json, from: [OID.json], ...json },
        jsonb: { to: OID.jsonb, from: [OID.jsonb], ...json },
        timestamptz: {
          to: OID.timestamptz,
          from: [OID.timestamptz],
          serialize: (value) => value,
          parse: iso8601,
        },
      },
    },
  });
  passSqlstates(connection);
  // On its first request lite would create the roles and grant them every table of the schema:
  // it would undo what the migrations revoked. Roles and grants belong to the migrations.
  connection.ensureRlsContext = async () => true;
  return connection;
}

/** Forgets the cached schema on `notify pgrst, 'reload schema'`, as PostgREST does. */
export async function followSchema(connection) {
  await connection.driver.listen("pgrst", async (payload) => {
    if (payload === "" || payload === "reload schema") await connection.clearSchemaCache();
  });
}
