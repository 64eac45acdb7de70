// Option types of the built-in components. Printed from their schemas by `npm run typegen`; do not edit.
export {};

declare module "tspack" {
}
