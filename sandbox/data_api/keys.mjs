// The keys of a project: who calls, before any user's token is looked at.
import { jwtVerify } from "jose";

/**
 * Resolves what a client sends as `apikey`: the secret key, the publishable key, or one of the
 * legacy JWT keys (HS256, signed with the project's JWT secret). Anything else is null, refused.
 */
export function keyResolver({ secretKey, publishableKey, jwtSecret }) {
  const secret = new TextEncoder().encode(jwtSecret);
  return async (key) => {
    if (key === secretKey) return { type: "secret", claims: { role: "service_role" } };
    if (key === publishableKey) return { type: "publishable", claims: { role: "anon" } };
    try {
      const { payload } = await jwtVerify(key, secret, { algorithms: ["HS256"] });
      return { type: payload.role === "service_role" ? "secret" : "publishable", claims: payload };
    } catch {
      return null;
    }
  };
}
