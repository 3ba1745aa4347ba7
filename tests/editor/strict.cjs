// Compiles schemas as SchemaStore does, and says what is wrong with them.
const { readFileSync } = require("node:fs");
const Ajv = require("ajv/dist/2020").default;

for (const path of process.argv.slice(2)) {
  // SchemaStore's strict mode knows no lists of types; everything else of it holds.
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });
  ajv.addKeyword("enumDescriptions");
  ajv.compile(JSON.parse(readFileSync(path, "utf8")));
}
