import type { RuntimeFailure } from "../../runtime/runtime.js";

/** What an image says of itself, and what lies in it before anything of it runs. */
export interface ImageFacts {
  reference: string;
  /** As the engine spells it: `amd64`, `arm64`. */
  architecture: string;
  /** As the Dockerfile's last `USER` has it; "" is root. */
  user: string;
  env: Record<string, string>;
  /** Ports of `EXPOSE`. */
  exposedPorts: number[];
  /** Path of the interpreter's configuration file, and its text when there is one. */
  configPath: string;
  configText: string | undefined;
  /** Whether `/mnt/data` is part of the image. */
  hasDataFolder: boolean;
}

/** How one start of the image went. */
export interface TrialFacts {
  targetPort: number;
  egress: boolean;
  end:
    | { kind: "ready"; elapsedMs: number }
    | {
        kind: "failed";
        failure: RuntimeFailure;
        message: string;
        /** Last lines that the container printed. */
        log: string[];
        /** Ports that did listen. */
        ports: number[];
      };
  /** What was seen of a container that became ready. */
  seen?: SeenFacts;
}

/** What was seen of a running container. */
export interface SeenFacts {
  /** Users of its processes. Empty when the engine does not tell. */
  users: UserFacts[];
  /** Names of the kernelspecs; undefined when there is no program to ask. */
  kernels: string[] | undefined;
  /** Bytes in use after the calls, and the limit; undefined when the engine does not tell. */
  memory: { usedBytes: number; limitBytes: number } | undefined;
  calls: CallFacts;
}

/** A user of the container's processes. */
export interface UserFacts {
  uid: number;
  /** "" when the image has no name for the uid. */
  name: string;
  /** `unknown`: there is no shell to find out with. */
  dataFolder: "writable" | "read-only" | "missing" | "unknown";
}

/** One HTTP answer of the container's; `error` instead of it when there was none. */
export interface Answer {
  status?: number;
  body?: string;
  error?: string;
  elapsedMs: number;
}

/** The calls of the interpreter's API (byoc 3.1); absent where a call before it made it pointless. */
export interface CallFacts {
  health: Answer;
  executions: Answer;
  shellExecute?: Answer;
  upload?: Answer;
  list?: Answer;
  download?: Answer;
  delete?: Answer;
}

/** Everything about one image. */
export interface ExaminationFacts {
  image: ImageFacts;
  /** The engine's architecture, in the image's spelling. */
  engineArchitecture: string;
  /** Seconds that a pool gives an instance to become ready. */
  limitSeconds: number;
  /** First under the pool's conditions; then, where that failed, under others, to find out why. */
  trials: [TrialFacts, ...TrialFacts[]];
}

/** The file that {@link CallFacts} uploads. */
export const PROBE_FILE = { name: "dse-doctor.txt", content: "written by the doctor\n" } as const;
