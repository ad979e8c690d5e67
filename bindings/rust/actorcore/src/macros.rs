//! The two macros that declare what messages look like.

/// Declares a struct of numbers that can be (in) a payload: `Copy`, laid out as in C, and refused
/// by the compiler when it has padding or a field that is not [`Plain`](crate::Plain).
///
/// ```
/// actorcore::plain! {
///     /// Where something is.
///     #[derive(Debug, PartialEq)]
///     pub struct Place { pub x: f64, pub y: f64, pub zone: u32, pub floor: i32 }
/// }
/// ```
///
/// ```compile_fail
/// actorcore::plain! { struct Padded { a: u32, b: u64 } }
/// ```
///
/// ```compile_fail
/// actorcore::plain! { struct Pointing { a: &'static str } }
/// ```
#[macro_export]
macro_rules! plain {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $type:ty),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        #[repr(C)]
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $type),+ }

        const _: () = {
            const fn plain<T: $crate::Plain>() -> usize {
                ::core::mem::size_of::<T>()
            }
            let fields = 0 $(+ plain::<$type>())+;
            let whole = ::core::mem::size_of::<$name>();
            assert!(fields == whole, "padding: reorder the fields or fill the gap with one");
        };
        unsafe impl $crate::Plain for $name {}
    };
}

/// Declares message types: structs with a number, and enums whose variants each have a number.
///
/// A variant (or struct) is empty, or has one unnamed field of any [`Body`](crate::Body), or up to
/// eight fields, named or not, that are [`Plain`](crate::Plain) and travel one after the other
/// without padding.
///
/// ```
/// use actorcore::{messages, ActorId, Bytes};
///
/// messages! {
///     /// What a counter understands.
///     #[derive(Debug)]
///     pub enum Count {
///         /// Adds to it.
///         Add(u64) = 1,
///         /// Asks for the sum.
///         Get = 2,
///         /// Adds on behalf of someone.
///         Credit { to: ActorId, amount: u64 } = 3,
///         /// Any bytes.
///         Note(Bytes) = 4,
///     }
///
///     /// The answer to `Get`.
///     #[derive(Debug, PartialEq)]
///     pub struct Sum(pub u64) = 5;
/// }
/// ```
///
/// Two variants with one number, or a number of the library's (from 0x80000000), do not compile:
///
/// ```compile_fail
/// actorcore::messages! { enum Twice { A = 1, B = 1 } }
/// ```
///
/// ```compile_fail
/// actorcore::messages! { struct Reserved = 0x8000_0001; }
/// ```
#[macro_export]
macro_rules! messages {
    () => {};

    ($(#[$meta:meta])* $vis:vis enum $name:ident { $(
        $(#[$variant_meta:meta])* $variant:ident
            $(( $($type:ty),+ $(,)? ))?
            $({ $($(#[$field_meta:meta])* $field:ident : $field_type:ty),+ $(,)? })?
            = $number:expr
    ),+ $(,)? } $($rest:tt)*) => {
        $(#[$meta])*
        $vis enum $name { $(
            $(#[$variant_meta])*
            $variant $(( $($type),+ ))? $({ $($(#[$field_meta])* $field: $field_type),+ })?
        ),+ }

        impl $crate::Message for $name {
            #[inline(always)]
            fn encode<R>(self, put: impl FnOnce(u32, $crate::Payload<'_>) -> R) -> R {
                match self { $(
                    $crate::__shape!(@pattern [$name::$variant] [a b c d e f g h]
                        $(( $($type),+ ))? $({ $($field),+ })?) =>
                    $crate::Body::put(
                        $crate::__shape!(@value [a b c d e f g h]
                            $(( $($type),+ ))? $({ $($field),+ })?),
                        |payload| put($number, payload),
                    ),
                )+ }
            }

            #[inline(always)]
            fn decode(letter: &$crate::Letter<'_>) -> ::core::option::Option<Self> {
                let kind = letter.kind();
                $( if kind == $number {
                    return $crate::__shape!(@take letter [$name::$variant] [a b c d e f g h]
                        $(( $($type),+ ))? $({ $($field),+ })?);
                } )+
                ::core::option::Option::None
            }
        }

        $crate::__numbers!($($number),+);
        $crate::messages!($($rest)*);
    };

    ($(#[$meta:meta])* $vis:vis struct $name:ident = $number:expr; $($rest:tt)*) => {
        $(#[$meta])* $vis struct $name;
        $crate::__message_struct!($name $number);
        $crate::messages!($($rest)*);
    };

    ($(#[$meta:meta])* $vis:vis struct $name:ident (
        $($field_vis:vis $type:ty),+ $(,)?
    ) = $number:expr; $($rest:tt)*) => {
        $(#[$meta])* $vis struct $name($($field_vis $type),+);
        $crate::__message_struct!($name $number, ( $($type),+ ));
        $crate::messages!($($rest)*);
    };

    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $type:ty),+ $(,)?
    } = $number:expr; $($rest:tt)*) => {
        $(#[$meta])* $vis struct $name { $($(#[$field_meta])* $field_vis $field: $type),+ }
        $crate::__message_struct!($name $number, { $($field),+ });
        $crate::messages!($($rest)*);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __message_struct {
    ($name:ident $number:expr $(, $fields:tt)?) => {
        impl $crate::Message for $name {
            #[inline(always)]
            fn encode<R>(self, put: impl FnOnce(u32, $crate::Payload<'_>) -> R) -> R {
                let $crate::__shape!(@pattern [$name] [a b c d e f g h] $($fields)?) = self;
                let body = $crate::__shape!(@value [a b c d e f g h] $($fields)?);
                $crate::Body::put(body, |payload| put($number, payload))
            }

            #[inline(always)]
            fn decode(letter: &$crate::Letter<'_>) -> ::core::option::Option<Self> {
                if letter.kind() != $number {
                    return ::core::option::Option::None;
                }
                $crate::__shape!(@take letter [$name] [a b c d e f g h] $($fields)?)
            }
        }

        $crate::__numbers!($number);
    };
}

/// The pattern, the body's value and the reading of one variant or struct, by the shape of its
/// fields.
#[doc(hidden)]
#[macro_export]
macro_rules! __shape {
    (@pattern [$($path:tt)+] [$($n:ident)+]) => { $($path)+ };
    (@pattern [$($path:tt)+] [$($n:ident)+] { $($field:ident),+ }) => { $($path)+ { $($field),+ } };
    (@pattern [$($path:tt)+] [$($n:ident)+] ( $($type:ty),+ )) => {
        $crate::__named!(@pattern [$($path)+] [] [$($n)+] $([$type])+)
    };

    (@value [$($n:ident)+]) => { () };
    (@value [$($n:ident)+] { $($field:ident),+ }) => { ($($field,)+) };
    (@value [$($n:ident)+] ( $($type:ty),+ )) => {
        $crate::__named!(@value [] [] [$($n)+] $([$type])+)
    };

    (@take $letter:ident [$($path:tt)+] [$($n:ident)+]) => {
        <() as $crate::Body>::take($letter).map(|()| $($path)+)
    };
    (@take $letter:ident [$($path:tt)+] [$($n:ident)+] { $($field:ident),+ }) => {
        $crate::Body::take($letter).map(|($($field,)+)| $($path)+ { $($field),+ })
    };
    (@take $letter:ident [$($path:tt)+] [$($n:ident)+] ( $($type:ty),+ )) => {
        $crate::Body::take($letter).map(|$crate::__named!(@value [] [] [$($n)+] $([$type])+)|
            $crate::__named!(@pattern [$($path)+] [] [$($n)+] $([$type])+))
    };
}

/// Gives as many names as there are types.
#[doc(hidden)]
#[macro_export]
macro_rules! __named {
    (@$what:ident $path:tt [$($used:ident)*] [$next:ident $($n:ident)*]
        [$type:ty] $($rest:tt)*) => {
        $crate::__named!(@$what $path [$($used)* $next] [$($n)*] $($rest)*)
    };
    (@pattern [$($path:tt)+] [$($used:ident)+] [$($n:ident)*]) => { $($path)+($($used),+) };
    (@value $path:tt [$used:ident] [$($n:ident)*]) => { $used };
    (@value $path:tt [$($used:ident)+] [$($n:ident)*]) => { ($($used),+) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __numbers {
    ($($number:expr),+) => {
        const _: () = {
            let numbers: &[u32] = &[$($number),+];
            let mut i = 0;
            while i < numbers.len() {
                assert!(numbers[i] < 0x8000_0000, "numbers from 0x80000000 are the library's");
                let mut k = 0;
                while k < i {
                    assert!(numbers[i] != numbers[k], "two messages have one number");
                    k += 1;
                }
                i += 1;
            }
        };
    };
}
