// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! egg on one workload per process.
//!
//!   peers-egg math FILE ITERATIONS [explain] [extract]   the maths benchmark
//!   peers-egg NAME                             one of egg's own tests, by name
#![allow(dead_code)] // egg's tests bring more than is run here

use ::egg::{define_language, AstSize, Extractor, Id, RecExpr, Rewrite, Runner, SimpleScheduler, Symbol};
use peers::{cpu_seconds, figure, peak_mib};
use std::time::Duration;

define_language! {
    enum Math {
        "d" = Diff([Id; 2]),
        "i" = Integral([Id; 2]),
        "+" = Add([Id; 2]),
        "-" = Sub([Id; 2]),
        "*" = Mul([Id; 2]),
        "/" = Div([Id; 2]),
        "pow" = Pow([Id; 2]),
        "ln" = Ln(Id),
        "sqrt" = Sqrt(Id),
        "sin" = Sin(Id),
        "cos" = Cos(Id),
        Constant(i32),
        Var(Symbol),
    }
}

/// "(var x)" is one leaf: to egg, the symbol x.
fn without_var(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("(var ") {
        out.push_str(&rest[..at]);
        let (name, after) = rest[at + 5..].split_once(')').expect("(var is closed");
        out.push_str(name);
        rest = after;
    }
    out + rest
}

fn read(file: &str) -> (Vec<Rewrite<Math, ()>>, Vec<RecExpr<Math>>) {
    let text = std::fs::read_to_string(file).expect("the workload can be read");
    let (mut rules, mut starts) = (vec![], vec![]);
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let Some((name, rest)) = line.split_once(':') else { continue };
        let rest = without_var(rest);
        if name == "start" {
            starts.push(rest.parse().expect("a term"));
            continue;
        }
        let (lhs, rhs) = rest.split_once("=>").expect("a rule");
        let (lhs, rhs): (::egg::Pattern<Math>, ::egg::Pattern<Math>) =
            (lhs.parse().expect("a pattern"), rhs.parse().expect("a pattern"));
        rules.push(Rewrite::new(name, lhs, rhs).expect("variables are bound"));
    }
    (rules, starts)
}

fn math(file: &str, iterations: usize, explain: bool, extract: bool) {
    let (rules, starts) = read(file);
    let mut runner = Runner::default()
        .with_scheduler(SimpleScheduler)
        .with_iter_limit(iterations)
        .with_node_limit(usize::MAX)
        .with_time_limit(Duration::from_secs(24 * 3600));
    if explain {
        runner = runner.with_explanations_enabled();
    }
    for start in &starts {
        runner = runner.with_expr(start);
    }
    let begin = cpu_seconds();
    let runner = runner.run(&rules);
    figure("seconds", cpu_seconds() - begin);
    figure("peak_mib", peak_mib());
    figure("nodes", runner.egraph.total_number_of_nodes());
    figure("classes", runner.egraph.number_of_classes());
    if !extract {
        return;
    }
    let begin = cpu_seconds();
    let extractor = Extractor::new(&runner.egraph, AstSize);
    let best: usize = runner.roots.iter().map(|&root| extractor.find_best_cost(root)).sum();
    figure("extract_seconds", cpu_seconds() - begin);
    figure("best", best);
}

/// egg's own tests as installed by cargo, unmodified. They see this module under
/// the name of their crate, whose `test_fn` makes a function that times the run
/// and checks no proofs.
mod own {
    macro_rules! test_fn {
        ($(#[$meta:meta])* $name:ident, $rules:expr, $(runner = $runner:expr,)?
         $start:literal => $($goal:literal),+ $(,)? $(@check $check:expr)?) => {
            pub fn $name() -> f64 {
                let rules = $rules;
                let begin = peers::cpu_seconds();
                ::egg::test::test_runner(
                    stringify!($name),
                    None $(.or(Some($runner)))?,
                    &rules,
                    $start.parse().unwrap(),
                    &[$($goal.parse().unwrap()),+],
                    None $(.or(Some($check)))?,
                    false,
                );
                peers::cpu_seconds() - begin
            }
        };
    }
    pub(crate) use test_fn;
    mod facade {
        pub(crate) use super::test_fn;
        pub use ::egg::*;
    }
    #[allow(unused)]
    pub mod lambda {
        use super::facade as egg;
        include!(concat!(env!("SOURCE_OF_EGG"), "/tests/lambda.rs"));
    }
    #[allow(unused)]
    pub mod math {
        use super::facade as egg;
        include!(concat!(env!("SOURCE_OF_EGG"), "/tests/math.rs"));
    }
}

macro_rules! by_name {
    ($wanted:expr, $($module:ident: $($name:ident)+;)+) => {
        match $wanted { $($(stringify!($name) => Some(own::$module::$name as fn() -> f64),)+)+ _ => None }
    };
}

fn own_test(name: &str) -> Option<fn() -> f64> {
    by_name!(name,
        lambda: lambda_under lambda_compose_many lambda_fib lambda_function_repeat;
        math: math_associate_adds math_simplify_root math_simplify_factor diff_power_harder
              integ_part1 integ_part2 integ_part3;)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["math", file, n, ref options @ ..] => {
            let has = |option| options.contains(&option);
            math(file, n.parse().expect("a number"), has("explain"), has("extract"))
        }
        [name] if own_test(name).is_some() => {
            figure("seconds", own_test(name).expect("it was there")());
            figure("peak_mib", peak_mib());
        }
        _ => {
            eprintln!("usage: peers-egg math FILE ITERATIONS [explain] [extract] | peers-egg TEST");
            std::process::exit(2);
        }
    }
}
