// Starts the Go server of interop/typescript once for all tests, and gives its URL as "server".
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    server: string;
    /** The server's program, for tests that start and stop one of their own. */
    program: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const dir = mkdtempSync(join(tmpdir(), "tandem-"));
  const program = join(dir, "server");
  const module = fileURLToPath(new URL("../../../interop", import.meta.url));
  execFileSync("go", ["build", "-o", program, "./typescript/server"], { cwd: module, stdio: "inherit" });
  const { process, url } = await serve(program);
  project.provide("server", url);
  project.provide("program", program);
  return () => {
    process.stdin?.end();
    rmSync(dir, { recursive: true });
  };
}

/** Starts a server, which ends with its standard input. */
export async function serve(program: string, address = "127.0.0.1:0"): Promise<{ process: ChildProcess; url: string }> {
  const child = spawn(program, [address], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    child.once("exit", () => reject(new Error("the server has ended")));
  });
  return { process: child, url };
}
