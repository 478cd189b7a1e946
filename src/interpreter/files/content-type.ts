import { posix } from "node:path";

const TEXT: Record<string, string> = {
  txt: "text/plain",
  log: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  html: "text/html",
  htm: "text/html",
  css: "text/css",
  js: "text/javascript",
  mjs: "text/javascript",
  xml: "text/xml",
  py: "text/x-python",
  sh: "text/x-sh",
  r: "text/plain",
  yaml: "text/yaml",
  yml: "text/yaml",
  ics: "text/calendar",
};

const BINARY: Record<string, string> = {
  json: "application/json",
  ipynb: "application/json",
  pdf: "application/pdf",
  zip: "application/zip",
  gz: "application/gzip",
  tar: "application/x-tar",
  wasm: "application/wasm",
  rtf: "application/rtf",
  doc: "application/msword",
  xls: "application/vnd.ms-excel",
  ppt: "application/vnd.ms-powerpoint",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  parquet: "application/vnd.apache.parquet",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
  ico: "image/x-icon",
  tif: "image/tiff",
  tiff: "image/tiff",
  svg: "image/svg+xml",
  mp3: "audio/mpeg",
  wav: "audio/wav",
  ogg: "audio/ogg",
  mp4: "video/mp4",
  webm: "video/webm",
  avi: "video/x-msvideo",
};

export const OCTET_STREAM = "application/octet-stream";

/** Content type by extension, with charset for text (byoc 3.6). */
export function contentTypeOf(name: string): string {
  const extension = posix.extname(name).slice(1).toLowerCase();
  const text = TEXT[extension];
  return text === undefined ? (BINARY[extension] ?? OCTET_STREAM) : `${text}; charset=utf-8`;
}
