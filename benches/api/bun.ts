// The same two calls as Headroom's, as one would write them on Bun: one process, bun:sqlite, prepared statements,
// write-ahead log, `synchronous = full`. It authenticates by the key's SHA-256, checks what Headroom checks, and answers the
// same JSON. Usage: bun bun.ts DATABASE PORT
import { Database } from "bun:sqlite";
import { createHash, randomBytes } from "node:crypto";

const [path, port] = process.argv.slice(2);
const db = new Database(path);
db.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma mmap_size = 268435456");

const key = db.query("select organization_id, digest, scopes, expires_at from api_keys where id = ?");
const page = db.query(`
  select i.id, i.email, i.state, t.id as team_id, t.name as team_name, s.id as shoot_id, s.state as shoot_state, s.photos,
         i.created_at, i.expires_at
  from invites i left join teams t on t.id = i.team_id left join shoots s on s.id = i.shoot_id
  where i.organization_id = ? order by i.created_at desc, i.id desc limit ?`);
const organization = db.query("select credits, unlimited, pending_invites, all_invites from organizations where id = ?");
const member = db.query(
  "select 1 from accounts a join members m on m.account_id = a.id where a.email = ? and m.organization_id = ?");
const live = db.query("select state, expires_at, member_id from invites where email = ? and organization_id = ? order by created_at desc limit 1");
const settle = db.query("update invites set state = 'expired' where organization_id = ? and state = 'pending' and expires_at <= ?");
const insert = db.query("insert into invites (id, organization_id, email, created_at, expires_at) values (?, ?, ?, ?, ?)");
const job = db.query(
  "insert into jobs (id, queue, payload, priority, max_attempts, run_at, created_at) values (?, 'mail', ?, 0, 8, ?, ?)");

const DAY = 86_400_000;
const json = (body: unknown, status = 200) => Response.json(body, { status });
const refuse = (status: number, code: string, error: string) => json({ success: false, error, code }, status);
const iso = (time: number) => new Date(time).toISOString();
const id = () => Date.now().toString(16).padStart(12, "0") + randomBytes(6).toString("hex");

function organizationOf(request: Request): string | null {
  const parts = request.headers.get("authorization")?.slice("Bearer hr_".length).split(/_(.*)/s) ?? [];
  const row = key.get(parts[0] ?? "") as any;
  if (!row) return null;
  const digest = createHash("sha256").update(parts[1]).digest();
  return Buffer.compare(digest, Buffer.from(row.digest)) === 0 ? row.organization_id : null;
}

function list(owner: string, limit: number) {
  const rows = page.all(owner, limit + 1) as any[];
  const total = (organization.get(owner) as any).all_invites;
  const now = Date.now();
  const invites = rows.slice(0, limit).map((row) => ({
    email: row.email,
    status: row.state === "revoked" ? "revoked" : row.state === "accepted" ? "accepted" : "pending",
    ...(row.state === "expired" || (row.state === "pending" && row.expires_at <= now) ? { expired: true } : {}),
    ...(row.state === "accepted" ? { modelId: row.shoot_id } : {}),
    teamId: row.team_id,
    teamName: row.team_name,
    createdAt: iso(row.created_at),
  }));
  const hasMore = rows.length > limit;
  return json({ success: true, invites, pagination: { total, limit, offset: 0, hasMore, nextCursor: rows[limit - 1]?.id } });
}

const invite = db.transaction((owner: string, email: string) => {
  const now = Date.now();
  settle.run(owner, now);
  const last = live.get(email, owner) as any;
  const taken = last && ((last.state === "pending" && last.expires_at > now) || (last.state === "accepted" && last.member_id));
  if (member.get(email, owner) || taken) return refuse(400, "INVALID_REQUEST", "User with this email already invited.");
  const { credits, unlimited, pending_invites } = organization.get(owner) as any;
  if (!unlimited && credits === 0) return refuse(402, "INSUFFICIENT_CREDITS", "Not enough credits.");
  if (!unlimited && pending_invites >= credits * 2) return refuse(429, "INVITE_LIMIT_EXCEEDED", "Too many pending invites.");
  const made = id();
  insert.run(made, owner, email, now, now + 30 * DAY);
  job.run(crypto.randomUUID(), JSON.stringify({ job: "invite_mail", id: made }), now + DAY, now);
  const link = `http://127.0.0.1:${port}/auth/signup?invite=${made}`;
  return json({ success: true, input: { email }, message: "Invite sent", link, id: made, teamId: null });
});

Bun.serve({
  port: Number(port),
  hostname: "127.0.0.1",
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname !== "/api/v2/organization/invites") return refuse(404, "NOT_FOUND", "Endpoint not found");
    const owner = organizationOf(request);
    if (!owner) return refuse(401, "UNAUTHORIZED", "This API key is unknown.");
    if (request.method === "GET") return list(owner, Math.min(200, Math.max(1, Number(url.searchParams.get("limit") ?? 50))));
    const body = (await request.json()) as any;
    const email = String(body.email ?? "").trim().toLowerCase();
    if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) return refuse(400, "INVALID_REQUEST", "This is not an e-mail address.");
    return invite.immediate(owner, email);
  },
});
console.log("listening");
