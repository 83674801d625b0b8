var t={};var p={};var o={};var e={};var d={...p,desk:o,admin:t,local:e};export{d as words};
