// Validates what tandem gen has written. Usage: node check.mjs DIR, where DIR holds *.schema.json, *.asyncapi.json, and for a
// schema perhaps *.values.json: [{"def": name, "valid": bool, "value": JSON text}].
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const require = createRequire(import.meta.url);
const dir = process.argv[2];
const read = (name) => JSON.parse(readFileSync(join(dir, name), "utf8"));
let faults = 0;
let checked = 0;
const fault = (...what) => {
  faults++;
  console.log(...what);
};

const draft7 = new Ajv.default({ strict: false, allErrors: true, validateFormats: false, meta: false, validateSchema: false });
const asyncapi = draft7.compile(require("@asyncapi/specs/schemas/3.0.0-without-$id.json"));

for (const name of readdirSync(dir)) {
  if (name.endsWith(".asyncapi.json")) {
    checked++;
    const doc = read(name);
    if (!asyncapi(doc)) fault(name, JSON.stringify(asyncapi.errors.slice(0, 5), null, 1));
    // The official schema lets references be; here they must lead somewhere.
    const walk = (v) => {
      if (typeof v !== "object" || v === null) return;
      if (typeof v.$ref === "string" && v.$ref.split("/").slice(1).reduce((o, k) => o?.[k], doc) === undefined) {
        fault(name, "nothing at", v.$ref);
      }
      Object.values(v).forEach(walk);
    };
    walk(doc);
  }
  if (name.endsWith(".schema.json")) {
    checked++;
    const ajv = new Ajv2020.default({ allErrors: true, strict: true, strictTypes: false, strictTuple: true, strictRequired: false });
    addFormats.default(ajv);
    const doc = read(name);
    if (!ajv.validateSchema(doc)) fault(name, JSON.stringify(ajv.errors, null, 1));
    ajv.addSchema(doc, "doc");
    for (const def of Object.keys(doc.$defs)) {
      try {
        ajv.compile({ $ref: "doc#/$defs/" + encodeURIComponent(def) });
      } catch (e) {
        fault(name, def, e.message);
      }
    }
    let values = [];
    try {
      values = read(name.replace(".schema.json", ".values.json"));
    } catch (e) {
      if (e.code !== "ENOENT") throw e;
    }
    for (const { def, valid, value } of values) {
      checked++;
      const validate = ajv.getSchema("doc#/$defs/" + def) ?? ajv.compile({ $ref: "doc#/$defs/" + def });
      if (validate(JSON.parse(value)) !== valid) {
        fault(name, def, valid ? "refuses" : "accepts", value, valid ? JSON.stringify(validate.errors.slice(0, 3)) : "");
      }
    }
  }
}
console.log(`checked ${checked}`);
process.exitCode = faults > 0 ? 1 : 0;
