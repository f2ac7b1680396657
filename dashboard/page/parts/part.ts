import { type FunctionComponent, h, type VNode } from "preact";

/** A component with its properties, type-checked, which a template's `<${Component} …>` is not. */
export function part<P extends object>(
  component: FunctionComponent<P>,
  props: P & { key?: string },
): VNode {
  // A node with any properties is a node: preact's types do not say so.
  return h(component, props) as VNode<object>;
}
