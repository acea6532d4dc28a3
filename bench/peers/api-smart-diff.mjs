// usage: node api-smart-diff.mjs BASE HEAD     the library has no program of its own; read, compare, write
import { readFileSync, writeFileSync } from "node:fs";
import { apiCompare } from "api-smart-diff";
import yaml from "js-yaml";

const read = (file) => {
    const text = readFileSync(file, "utf8");
    return text.trimStart().startsWith("{") ? JSON.parse(text) : yaml.load(text);
};
const { diffs } = apiCompare(read(process.argv[2]), read(process.argv[3]));
writeFileSync("/dev/null", JSON.stringify(diffs));
console.log(`${diffs.length} changes, ${diffs.filter((d) => d.type === "breaking").length} breaking`);
