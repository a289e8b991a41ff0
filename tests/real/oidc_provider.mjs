// The OpenID provider of peers/oidc.sh with what its own configuration leaves out: refresh tokens that rotate with every
// use (the library revokes a login whose token comes twice), the device grant, and a small API behind its tokens.
//   GET  /api/things   records, for an access token of a person or of a client that has not ended
//   POST /api/expire   every access token seen so far ends, also for who asks about it (introspection)
//   GET  /api/counts   successful grants by type, and how many logins were revoked
import { Provider } from 'oidc-provider';

const port = Number(process.env.PORT), callback = process.env.CALLBACK;
const callbacks = [callback, process.env.PUBLIC_CALLBACK].filter(Boolean);
const device = 'urn:ietf:params:oauth:grant-type:device_code';
const counts = { revoked: 0 }, seen = new Set(), ended = new Set();
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    { client_id: 'crm-gateway', client_secret: 'gateway-secret', redirect_uris: callbacks, response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials', device], scope: 'openid email offline_access' },
    { client_id: 'public-gateway', token_endpoint_auth_method: 'none', application_type: 'native', redirect_uris: [callback],
      response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'], scope: 'openid email offline_access' },
  ],
  scopes: ['openid', 'offline_access', 'email'],
  features: { devInteractions: { enabled: true }, clientCredentials: { enabled: true }, deviceFlow: { enabled: true },
              revocation: { enabled: true }, introspection: { enabled: true, allowedPolicy: () => true } },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, email: id }) }),
  cookies: { keys: ['k1'] },
  ttl: { AccessToken: 3600, ClientCredentials: 3600, RefreshToken: 86400, Session: 86400, Grant: 86400, Interaction: 3600, DeviceCode: 600 },
});
provider.on('grant.success', (ctx) => { const type = ctx.oidc.params.grant_type; counts[type] = (counts[type] || 0) + 1; });
provider.on('grant.revoked', () => { counts.revoked += 1; });
provider.use(async (ctx, next) => {
  if (ctx.path === '/api/counts') { ctx.body = counts; return; }
  if (ctx.path === '/api/expire') { for (const token of seen) ended.add(token); ctx.body = {}; return; }
  if (ctx.path === '/token/introspection') {
    await next();
    const asked = ctx.oidc?.params?.token;
    if (ctx.body?.active) seen.add(asked);
    if (ended.has(asked)) ctx.body = { active: false };
    return;
  }
  if (ctx.path !== '/api/things') { await next(); return; }
  const token = (ctx.get('authorization') || '').replace(/^Bearer /, '');
  const found = (await provider.AccessToken.find(token)) || (await provider.ClientCredentials.find(token));
  if (!found || ended.has(token)) { ctx.status = 401; ctx.body = { error: 'invalid_token' }; return; }
  seen.add(token);
  ctx.body = { things: [{ id: 'T-1', name: 'Anna Berg' }, { id: 'T-2', name: 'Bo Tal' }] };
});
provider.listen(port, '127.0.0.1', () => console.log('READY'));
