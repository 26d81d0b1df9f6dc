// What Postgres refused, said as PostgREST says it.
//
// lite maps the SQLSTATEs of its own table and turns every other one into code "SUP" with status
// 500. PostgREST passes every SQLSTATE through and only derives the HTTP status from it; a client
// that asks for `error.code == "RC409"` must get that answer here too.

// SQLSTATEs that lite already answers exactly as PostgREST does.
const ANSWERED_BY_LITE = /^(PT|PGRST|42|22|21|55|25006)/;

/** PostgREST's status for a SQLSTATE; docs: "Errors", section "HTTP Status Codes". */
export function statusOf(sqlstate) {
  if (sqlstate === "P0001") return 400;
  if (sqlstate === "23503" || sqlstate === "23505") return 409;
  if (/^(0L|0P|28)/.test(sqlstate)) return 403;
  if (/^08|^53(?!400)/.test(sqlstate)) return 503;
  if (/^(09|25|2D|38|39|3B|40|53|54|57|58|F0|HV|P0|XX)/.test(sqlstate)) return 500;
  return 400;
}

/** Makes the connection report every SQLSTATE, through the one code that lite passes unchanged. */
export function passSqlstates(connection) {
  const normalize = connection.normalizeDbError.bind(connection);
  connection.normalizeDbError = (raised) => {
    const known = normalize(raised);
    const code = known?.code;
    const isSqlstate = typeof code === "string" && /^[0-9A-Z]{5}$/.test(code);
    if (!isSqlstate || ANSWERED_BY_LITE.test(code)) return known;
    return {
      code: "PGRST",
      message: JSON.stringify({
        code,
        message: known.message,
        details: known.detail ?? null,
        hint: known.hint ?? null,
      }),
      detail: JSON.stringify({ status: statusOf(code), headers: {} }),
    };
  };
}
