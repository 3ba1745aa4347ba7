// Compiles schemas as SchemaStore does, and says what is wrong with them.
const { readFileSync } = require("node:fs");
const Ajv = require("ajv/dist/2020").default;

for (const path of process.argv.slice(2)) {
  // All of strict mode but two rules: lists of types are used, and mappings that hold one of several keys.
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false });
  ajv.addKeyword("enumDescriptions");
  ajv.compile(JSON.parse(readFileSync(path, "utf8")));
}
