var e={},r=e;export{r as default};
