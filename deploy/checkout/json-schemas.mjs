/** `node deploy/checkout/json-schemas.mjs`: writes the JSON Schemas of the configuration files anew, for editors. */
import { writeFileSync } from 'node:fs';
import { jsonSchemas } from '../../src/config/json-schema.ts';

for (const [name, schema] of jsonSchemas()) {
  writeFileSync(new URL(`../../config/${name}.schema.json`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
