//! Makes what a browser loads of a program compiled for it.
//!
//!     bindgen page.wasm directory

fn main() {
    let mut args = std::env::args().skip(1);
    let (input, output) = (args.next().expect("a program"), args.next().expect("a directory"));
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(input).web(true).expect("for browsers").typescript(false).generate(output).expect("bindings");
}
