/** The custom container that the tests talk to (fixtures/web). */
export const WEB_IMAGE = "dse-test/web:latest";
/** Its port. */
export const WEB_PORT = 8080;
