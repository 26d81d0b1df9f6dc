// Users' tokens of an outside issuer (Auth0, or the sandbox's own), as hosted Supabase takes them
// under "third-party auth": the signature against the issuer's published keys, the claims exact.
import { createRemoteJWKSet, decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";

const refuse = (status, code, message) =>
  Response.json(
    { code, message, details: null, hint: null },
    { status, headers: status === 401 ? { "www-authenticate": "Bearer" } : {} },
  );

// Tokens signed with the project's own secret (HS256) are lite's business: it knows that secret
// alone, so a token signed with the issuer's *public* key as if it were a secret fails there.
function bearerOfAnIssuer(request) {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  if (token === undefined || token.split(".").length !== 3) return null;
  try {
    return decodeProtectedHeader(token).alg === "HS256" ? null : token;
  } catch {
    return token;
  }
}

/**
 * Returns `admit(request)`: null where there is nothing to object to, else the refusal.
 *
 * lite verifies one HS256 secret and nothing else. So a token that stands is signed anew with that
 * secret, its claims unchanged (SQL reads `iss` and `sub`) but for the role: an outside issuer
 * makes users, never service roles, whatever its tokens claim.
 */
export function userTokens({ jwksUrl, issuer, audience, jwtSecret }) {
  const secret = new TextEncoder().encode(jwtSecret);
  // No pause between fetches: a key rotated a moment ago counts at once, and nobody floods us here.
  const issuerKeys = createRemoteJWKSet(new URL(jwksUrl), { cooldownDuration: 0 });
  const rules = { algorithms: ["RS256"], issuer, audience, requiredClaims: ["exp", "sub"] };

  return async function admit(request) {
    const token = bearerOfAnIssuer(request);
    if (token === null) return null;
    try {
      const { payload } = await jwtVerify(token, issuerKeys, rules);
      const ours = await new SignJWT({ ...payload, role: "authenticated" })
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .sign(secret);
      request.headers.set("authorization", `Bearer ${ours}`);
      return null;
    } catch (refusal) {
      if (refusal instanceof errors.JWTExpired) return refuse(401, "PGRST303", "JWT expired");
      if (refusal instanceof errors.JWTClaimValidationFailed) {
        return refuse(401, "PGRST303", `JWT claim refused: ${refusal.claim}`);
      }
      if (refusal instanceof errors.JOSEError && !(refusal instanceof errors.JWKSTimeout)) {
        return refuse(401, "PGRST301", "No suitable key or wrong key type");
      }
      return refuse(503, "PGRST300", "The issuer's keys could not be read");
    }
  };
}
