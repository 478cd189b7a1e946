import { ServiceError } from "./service-error.js";

/**
 * Decoded segments of a raw path, empty ones left out. A segment is decoded once, so that an encoded slash
 * becomes part of a name and a doubly encoded one stays encoded.
 *
 * @throws ServiceError `pathMalformed`
 */
export function pathSegments(path: string): string[] {
  try {
    return path
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent);
  } catch {
    throw new ServiceError("pathMalformed");
  }
}
