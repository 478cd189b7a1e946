export { boundaryOfFirstLine, isMultipartWithBoundary } from "./boundary.js";
export { UploadError, type UploadProblem } from "./errors.js";
export { baseName, decodeFileName } from "./file-name.js";
export { FILE_FIELD, type ReadUploadOptions, readFileUpload, readSingleFileUpload } from "./read.js";
export { type OutgoingForm, singleFileBody } from "./write.js";
